"""The short way for a command that asks once and shows the answer: no loop, no stubs, nothing tried twice.

It serves calls that may be repeated, over a Unix socket, where all goes well. Whatever else there is (no daemon, a
refusal, a lost connection, an answer in pages) it leaves to the client, which makes the same call with all that it
knows.
`docs/adr/0021-a-short-way-for-calls-with-one-answer.md` says why it is there.
"""
