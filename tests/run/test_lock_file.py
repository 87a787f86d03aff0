import re
import tomllib
from itertools import chain

from storefront.run.environment import BASE_DIR

LOCK = (BASE_DIR / "requirements.lock").read_text()


def test_lock_file_holds_no_address_and_no_path() -> None:
    assert [line for line in LOCK.splitlines() if re.search(r"://|--(extra-)?index|@ ", line)] == []


def test_every_locked_package_has_a_version_and_hashes() -> None:
    packages = re.split(r"\n(?=[a-z0-9])", LOCK.strip())
    loose = [p.splitlines()[0] for p in packages if not re.match(r"[\w.-]+(\[[^]]*\])?==\S+ ", p)]
    unhashed = [p.splitlines()[0] for p in packages if "--hash=sha256:" not in p]
    assert (loose, unhashed) == ([], [])


def test_every_requirement_is_locked() -> None:
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    names = {re.split(r"[\[<>=; ]", requirement)[0].lower() for requirement in wanted}
    locked = set(re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==", LOCK, flags=re.MULTILINE))
    assert names - locked == set()
