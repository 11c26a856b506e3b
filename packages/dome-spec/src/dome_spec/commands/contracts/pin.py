"""`dome contracts pin`: contracts that other repositories own, fixed by digest, and the way to move them."""

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.contracts.verb import add_verb
from dome_spec.commands.verb import UsageWrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs
    from dome_spec.contracts.pins import MemberChange, PinFault

_ABOUT: Final = "Pin contracts that another repository owns: by digest, verified, moved with a note to consumers"
_EPILOG: Final = """\
A SOURCE is a directory, or a revision of any repository on this machine (`REPO@REF`); nothing is fetched.
exit codes: 0 all is well; 1 something is not as it was pinned; 2 the command line is wrong; 65 a file cannot be
pinned; 66 a source, revision or bundle does not exist; 67 it was refused"""
_ADD_EXAMPLES: Final = """\
  dome contracts pin add orders ../orders@v2.1.0 --all --prefix schemas --version 2.1.0
  dome contracts pin add orders ../orders@v2.1.0 order=schema:order.json codes=reason_semantics:c.json --version 2.1.0
  dome contracts pin add orders ../orders bad=fixture:order:refused:bad.json order=schema:order.json --version 2
  dome contracts pin add orders /srv/orders@main --all --version 2 --location acme/orders
  dome contracts pin add orders ../orders@main order=schema:order.json --rendering order=own/order.json --version 2

Members stand right after the source; PATH begins at the prefix. Fixtures of your own lie in
contracts/pins/BUNDLE/fixtures/MEMBER/accepted (or refused) and are taken up. All of it is written, or nothing."""
_VERIFY_EXAMPLES: Final = """\
  dome contracts pin verify                              every bundle: bytes, fixtures, reasons, words
  dome contracts pin verify orders --upstream ../orders@main   also what its owner has changed since

Exit code 1: a file is not what was pinned, a fixture is judged otherwise, a reason or word has no answer of ours; or
its owner's change is more than COMPATIBLE."""
_UPDATE_EXAMPLES: Final = """\
  dome contracts pin update orders ../orders@v2.2.0 --version 2.2.0 --dry-run
  dome contracts pin update orders ../orders@v2.2.0 --version 2.2.0
  dome contracts pin update orders ../orders@v3.0.0 --version 3.0.0 --adr 0012
  dome contracts pin update orders ../orders@v2.2.0 --path order=schemas/order_v2.json
  dome contracts pin update orders ../orders@v2.2.0 --rendering order=own/order.json

Writes the files, pin.json, and a section of docs/migrations/BUNDLE.md. What is INCOMPATIBLE or UNDECIDED, a reason that
goes, a file that goes and a fixture that is judged otherwise are refused without `--adr`. Again, it does nothing."""


def add(verbs: "Verbs") -> None:
    """Add the verb and those below it."""
    group: ArgumentParser = verbs.add_parser(
        "pin", help=_ABOUT, description=f"{_ABOUT}.", epilog=_EPILOG, formatter_class=RawDescriptionHelpFormatter
    )
    below = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_looking(below)
    parser = add_verb(below, "add", summary="Pin a bundle for the first time", examples=_ADD_EXAMPLES, run=_add)
    _add_bundle_and_source(parser)
    parser.add_argument("members", metavar="MEMBER=ROLE:PATH", nargs="*", help="a file, and what it is for")
    parser.add_argument("--all", action="store_true", help="every schema below the prefix")
    parser.add_argument("--version", metavar="V", required=True, help="version of the bundle, as its owner calls it")
    parser.add_argument("--prefix", metavar="DIR", default="", help="folder of the source that paths begin at")
    parser.add_argument("--location", metavar="NAME", default="", help="how everybody finds it: a URL, or owner/name")
    _add_rendering(parser)
    parser = add_verb(
        below, "update", summary="Move a pin to another state of its source", examples=_UPDATE_EXAMPLES, run=_update
    )
    _add_bundle_and_source(parser)
    parser.add_argument("--version", metavar="V", default="", help="version of the bundle (default: as it was)")
    parser.add_argument("--adr", metavar="NNNN", default="", help="number of the decision to break consumers")
    parser.add_argument("--path", metavar="MEMBER=PATH", action="append", default=[], help="where its owner moved it")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    _add_rendering(parser)


def _add_looking(below: "Verbs") -> None:
    add_verb(below, "list", summary="List the pinned bundles", examples="  dome contracts pin list --json", run=_list)
    parser = add_verb(
        below, "show", summary="Show a pinned bundle", examples="  dome contracts pin show orders", run=_show
    )
    parser.add_argument("bundle", metavar="BUNDLE", help="the bundle")
    parser = add_verb(
        below, "verify", summary="Check that pins are what was pinned", examples=_VERIFY_EXAMPLES, run=_verify
    )
    parser.add_argument("bundle", metavar="BUNDLE", nargs="?", help="the bundle (default: every one)")
    parser.add_argument("--upstream", metavar="SOURCE", default="", help="also say what its owner has changed")


def _add_bundle_and_source(parser: ArgumentParser) -> None:
    parser.add_argument("bundle", metavar="BUNDLE", help="name of the bundle here")
    parser.add_argument("source", metavar="SOURCE", help="directory, or `REPO@REF`")


def _add_rendering(parser: ArgumentParser) -> None:
    words = "our own rendering of a member, instead of a copy"
    parser.add_argument("--rendering", metavar="MEMBER=FILE", action="append", default=[], help=words)


def _list(arguments: Namespace, console: "Console") -> int:
    from dome_spec.contracts.layout import Layout
    from dome_spec.contracts.pins import bundles, load

    layout = Layout.find(console.directory)
    for bundle in bundles(layout):
        pin = load(layout, bundle).pin
        if console.as_json:
            about = pin.to_value()
            shown = {name: about[name] for name in ("bundle", "version", "source")}
            console.record({**shown, "members": len(pin.members)})
        else:
            at = f"@{pin.source.commit[:12]}" if pin.source.commit is not None else ""
            console.text(f"{bundle}  {pin.version}  {pin.source.location}{at}  {len(pin.members)} members")
    if not bundles(layout) and not console.as_json:
        console.text("Nothing is pinned. `dome contracts pin add --help` says how.")
    return Exit.OK


def _show(arguments: Namespace, console: "Console") -> int:
    from dome_spec.contracts.layout import Layout
    from dome_spec.contracts.pins import load, pin_lines

    pin = load(Layout.find(console.directory), arguments.bundle).pin
    if console.as_json:
        console.record(pin.to_value())
    else:
        console.text("\n".join(pin_lines(pin)))
    return Exit.OK


def _verify(arguments: Namespace, console: "Console") -> int:
    from dome_spec.contracts.layout import Layout
    from dome_spec.contracts.pins import bundles, drift, faults, load, pin_faults, upstream

    layout = Layout.find(console.directory)
    if arguments.upstream and not arguments.bundle:
        raise UsageWrong("name the bundle whose owner --upstream is")
    console.progress("verifying the pins")
    found = faults(layout, arguments.bundle) if arguments.bundle else pin_faults(layout.root)
    changes: list[MemberChange] = []
    if arguments.upstream and found:
        console.note("The owner is not looked at before the pin is right.")
    elif arguments.upstream:
        pinned = load(layout, arguments.bundle)
        console.progress(f"comparing with {arguments.upstream}")
        with upstream(arguments.upstream, console.directory) as owner:
            changes = drift(pinned, owner, {})
            if owner.commit and owner.commit != pinned.pin.source.commit:
                console.note(f"The source is at {owner.commit}; pinned is {pinned.pin.source.commit or 'a directory'}.")
    _tell_faults(found, console)
    _tell_changes(changes, console)
    is_red = bool(found) or any(each.verdict != "COMPATIBLE" for each in changes)
    if not is_red and not console.as_json:
        count = 1 if arguments.bundle else len(bundles(layout))
        drifted = f", and its owner's changes of {len(changes)} are compatible" if changes else ""
        console.text(f"{count} {'bundle is' if count == 1 else 'bundles are'} what was pinned{drifted}.")
    return Exit.FAILED if is_red else Exit.OK


def _add(arguments: Namespace, console: "Console") -> int:
    from dome_spec.contracts.layout import Layout
    from dome_spec.contracts.pins import Adding, add, pin_lines

    if bool(arguments.members) == arguments.all:
        raise UsageWrong("name the files to pin, MEMBER=ROLE:PATH, or say --all")
    layout = Layout.find(console.directory)
    asked = Adding(
        bundle=arguments.bundle,
        source=arguments.source,
        version=arguments.version,
        members=arguments.members,
        prefix=arguments.prefix,
        location=arguments.location,
        renderings=_renderings(arguments, console),
    )
    pin = add(layout, asked, console.directory)
    if console.as_json:
        console.record({"outcome": "pinned", "pin": pin.to_value()})
    else:
        console.text("\n".join(pin_lines(pin)))
    _tell_rest(layout.root, arguments.bundle, console)
    return Exit.OK


def _update(arguments: Namespace, console: "Console") -> int:
    from dome_spec.contracts.layout import Layout
    from dome_spec.contracts.pins import Updating, carry_out, prepare
    from dome_spec.contracts.pins.wanted import pairs

    layout = Layout.find(console.directory)
    asked = Updating(
        bundle=arguments.bundle,
        source=arguments.source,
        version=arguments.version,
        adr=arguments.adr,
        paths=pairs(arguments.path, "MEMBER=PATH"),
        renderings=_renderings(arguments, console),
    )
    console.progress(f"comparing with {arguments.source}")
    update = prepare(layout, asked, console.directory)
    _tell_changes(update.changes, console)
    for each in update.refused:
        if console.as_json:
            console.record({"refused": {"member": each.member, "what": each.what, "remedy": each.remedy}})
        else:
            console.note(f"refused  {each.member}: {each.what}.\n  {each.remedy}")
    if update.refused:
        console.note("Nothing was written.")
        return Exit.PRECONDITION
    outcome = "unchanged" if update.is_empty else "would update" if arguments.dry_run else "updated"
    if not arguments.dry_run:
        carry_out(layout, update)
    if console.as_json:
        console.record({"outcome": outcome, "pin": update.after.to_value()})
    elif update.is_empty:
        console.text(f"Nothing to do: {arguments.bundle} is pinned as the source is.")
    else:
        console.text(f"{outcome}  {arguments.bundle}: {update.before.version} to {update.after.version}")
    if outcome == "updated":
        console.note(f"What consumers must do: docs/migrations/{arguments.bundle}.md")
        _tell_rest(layout.root, arguments.bundle, console)
    return Exit.OK


def _renderings(arguments: Namespace, console: "Console") -> dict[str, Path]:
    from dome_spec.contracts.pins.wanted import pairs

    return {name: console.directory / path for name, path in pairs(arguments.rendering, "MEMBER=FILE").items()}


def _tell_faults(found: "Sequence[PinFault]", console: "Console") -> None:
    for each in found:
        if console.as_json:
            console.record({"fault": {"place": each.place, "what": each.what, "remedy": each.remedy}})
        else:
            console.text(f"error  {each.place}: {each.what}\n  what to do: {each.remedy}")


def _tell_changes(changes: "Sequence[MemberChange]", console: "Console") -> None:
    from dome_spec.contracts.pins import change_document, change_lines

    for each in changes:
        if console.as_json:
            console.record(change_document(each))
        else:
            console.text("\n".join(change_lines(each)))


def _tell_rest(root: Path, bundle: str, console: "Console") -> None:
    """What the repository does not say yet of what is pinned."""
    from dome_spec.contracts.layout import Layout
    from dome_spec.contracts.pins import faults

    for each in faults(Layout(root), bundle):
        console.note(f"to do  {each.place}: {each.what}\n  {each.remedy}")
