"""The console: the people's part of the web process. Who they are, what they may, and the pages they see.

Reading order: `roles` (who may what), `accounts` (who there is, folded from a log), `sessions`, `app` (how a request of
a person is let in), `sign_in`, `preferences`, `language`; then a blueprint a page group. Templates extend `layout.html`
and take their controls from `forms.html`, whose head says how.
"""
