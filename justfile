# Recipes of this repository. Run them with ./just, which sets up what they need first.

set positional-arguments := true

# Cached bytecode is most of what makes `dome` start quickly, so recipes keep it whatever the shell says.

unexport PYTHONDONTWRITEBYTECODE

export VIRTUAL_ENV := justfile_directory() / ".venv"
export PATH := justfile_directory() / ".venv/bin:" + env("PATH")
export UV_PYTHON_DOWNLOADS := "never"

# One test more at a time than there are processors (`tests/suite.py`), but few enough that daemons get their turn in time.
# A debugger needs one process: ./just test -n 0 --pdb

side_by_side := "-n auto --maxprocesses 4 --dist worksteal"

# List the recipes
[private]
default:
    @just --justfile "{{ justfile() }}" --list --unsorted

# Search this repository through a daemon of its own, and show what was recorded
demo *args:
    @python -m ci.demo "$@"

# Show the loop at work by real runs: plan, observe, learn, gate, promote
demo-loop *args:
    @python -m ci.demo_loop "$@"

# Run the fast tests, several at a time (arguments go to pytest)
test *args:
    @pytest -m "not slow" {{ side_by_side }} "$@"

# Run the slow tests of whole journeys: missions from two checkouts, deaths, codex, a million lines (arguments go to pytest)
test-slow *args:
    @CRASH_CYCLES="${CRASH_CYCLES:-24}" pytest -m slow -o faulthandler_timeout=600 {{ side_by_side }} tests/e2e tests/codex "$@"

# Run all tests, the slow ones too, with all examples of each law
test-all *args:
    @pytest --hypothesis-profile=whole -o faulthandler_timeout=600 {{ side_by_side }} "$@"

# Kill a daemon N times, at named moments and under load, and look whether it kept every promise (a second or two each)
crash-matrix cycles="2000":
    @CRASH_CYCLES="{{ cycles }}" pytest -o faulthandler_timeout=100000 -m "slow or not slow" -n 0 tests/e2e/test_crash_matrix.py

# Get the real codex for the tests that drive it (140 MB) into .tools, and say where it is
codex:
    @python -m ci.codex

# Get node, and what tests drive that runs on it (90 MB), into .tools, and say where it is
node:
    @python -m ci.node

# Check everything a change must keep: format, lint, types, imports, contracts, generated files
gates *args:
    @python -m ci.gates "$@"

# Write what is generated anew: generated/ from contracts/, then the reference pages of docs/
gen *args:
    @python -m ci.gen "$@"
    @python -m ci.docs "$@"

# Format and repair what tools can repair
fix:
    @ruff check --fix --quiet --exit-zero
    @ruff format --quiet
    @buf format -w
    @python -m sourcemeta_jsonschema fmt --keep-ordering contracts/jsonschema

# Check types: the program, then the test folders that must be seen alone
types:
    mypy packages/*/src ci tests packages/domed/tests
    mypy packages/dome-spec/tests
    mypy packages/dome-client/tests

# Measure Dome side by side with its peers
bench *args:
    @python -m benchmarks "$@"

# Measure what learning saves: simulated worlds, and with --real N a repository with real tools
bench-learning *args:
    @python -m benchmarks.learning "$@"

# Install the daemon as a service of this user (systemd or launchd)
install-service:
    @dome service install

# Remove that service
uninstall-service:
    @dome service uninstall

# Renew requirements/*.lock (arguments: --upgrade, or --upgrade-package NAME)
lock *args:
    @python -m ci.lock "$@"

# Renew requirements/node-packages.json after its `dependencies` changed
lock-node:
    @python -m ci.node_lock

# Remove what running and building left behind; .venv and .tools stay
clean:
    @rm -rf dist build report .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
    @find . \( -path ./.venv -o -path ./.tools \) -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
