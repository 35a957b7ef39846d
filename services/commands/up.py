"""`yihu up`: run everything."""

from typing import Annotated

import typer

from services.commands.options import HERE, Data

EXAMPLES = ("yihu up --demo", "yihu up --demo --families 20", "yihu up --data /srv/yihu --port 8420")
PORT = 8420
FAMILIES = 600


def command(
    data: Data = HERE,
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 / port; the next free one if taken")] = PORT,
    amqp_uri: Annotated[
        str, typer.Option(metavar="URI", help="RabbitMQ 地址 / RabbitMQ's address; default: in this process")
    ] = "",
    database_url: Annotated[
        str, typer.Option(metavar="URL", help="PostgreSQL 地址 / PostgreSQL's address; default: embedded")
    ] = "",
    demo: Annotated[
        bool, typer.Option("--demo", help="载入两户样例和虚构城市 / load two sample families and a made-up city")
    ] = False,
    families: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help=f"虚构城市的户数 / how many families the city has; default: {FAMILIES}"),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="显示样例后结束 / end after showing the samples")] = False,
) -> None:
    """启动全部服务，直到 Ctrl-C。 Run everything until Ctrl-C.

    Database and message bus are embedded unless their addresses are given.
    """
    from services.city.people import LARGEST
    from services.commands.running import Wanted, up
    from services.processes.installation import Installation
    from shared.settings import EMBEDDED_BUS

    if families is not None and not demo:
        raise typer.BadParameter("须与 --demo 同用。 It goes with --demo.", param_hint="--families")
    wanted = FAMILIES if families is None else families
    if wanted > LARGEST:
        raise typer.BadParameter(f"最多 {LARGEST}。 At most {LARGEST}.", param_hint="--families")
    up(Wanted(Installation(data), port, amqp_uri or EMBEDDED_BUS, database_url, demo, once, wanted))
