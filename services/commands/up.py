"""`yihu up`: run everything."""

from typing import Annotated

import typer

from services.commands.options import HERE, Data

EXAMPLES = ("yihu up --demo", "yihu up --data /srv/yihu --port 8420")
PORT = 8420


def command(
    data: Data = HERE,
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 / port; the next free one if taken")] = PORT,
    amqp_uri: Annotated[
        str, typer.Option(metavar="URI", help="RabbitMQ 地址 / RabbitMQ's address; default: in this process")
    ] = "",
    database_url: Annotated[
        str, typer.Option(metavar="URL", help="PostgreSQL 地址 / PostgreSQL's address; default: embedded")
    ] = "",
    demo: Annotated[bool, typer.Option("--demo", help="载入两户样例 / load the two sample families")] = False,
    once: Annotated[bool, typer.Option("--once", help="显示样例后结束 / end after showing the samples")] = False,
) -> None:
    """启动全部服务，直到 Ctrl-C。 Run everything until Ctrl-C.

    Database and message bus are embedded unless their addresses are given.
    """
    from services.commands.running import Wanted, up
    from services.processes.installation import Installation
    from shared.settings import EMBEDDED_BUS

    up(Wanted(Installation(data), port, amqp_uri or EMBEDDED_BUS, database_url, demo, once))
