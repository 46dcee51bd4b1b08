import os
import re
import select
import subprocess
import sys
from contextlib import suppress

from tests.cli.operating import PUBLIC_URL, Operator


def test_somebody_comes_to_run_the_hub_and_chooses_a_password_by_a_link(operator: Operator) -> None:
    said = operator.says("create-admin", "Ayesha@Example.com", "--first-name", "Ayesha", "--last-name", "Khan")

    assert said.startswith("Ayesha@Example.com runs this hub now.")
    assert re.search(rf"{PUBLIC_URL}/reset-password#shl_\S{{43}}$", said)
    [person] = operator.knows("users", "list")
    assert (person["email"], person["role"], person["first_name"]) == ("ayesha@example.com", "super_admin", "Ayesha")
    assert operator.acts() == [("operator", "person.create_admin")]


def test_a_password_is_asked_for_where_somebody_can_type_one_and_is_not_shown(operator: Operator) -> None:
    keyboard, terminal = os.openpty()
    environment = {name: value for name, value in operator.environment.items() if value is not None}
    with subprocess.Popen(
        [sys.executable, "-m", "solarhub", "create-admin", "ayesha@example.com"],
        env=os.environ | environment,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,  # without a terminal of its own it takes the one that it is given
    ) as command:
        os.close(terminal)
        shown = ""
        for asked in ("Password (12 to 128 characters): ", "Repeat for confirmation: "):
            while not shown.endswith(asked):  # the blank comes once nothing is shown any more
                assert select.select([keyboard], [], [], 30)[0], shown
                shown += os.read(keyboard, 1000).decode()
            os.write(keyboard, b"a canal lined with shisham trees\n")
        with suppress(OSError):  # Linux says so when the other end has closed
            while more := os.read(keyboard, 1000).decode():
                shown += more
    os.close(keyboard)

    assert command.returncode == 0, shown
    assert "shisham" not in shown
    assert shown.strip().endswith("ayesha@example.com runs this hub now.")
    [row] = operator.database.fetch("select password_hash from users")
    assert row["password_hash"].startswith("$argon2id$")


def test_an_address_that_is_none_is_told(operator: Operator) -> None:
    assert operator.says("create-admin", "nobody", status=1).startswith("email: ")


def test_people_are_found_by_a_part_of_their_name_and_shown_whole(operator: Operator) -> None:
    operator.says("create-admin", "ayesha@example.com", "--first-name", "Ayesha", "--last-name", "Khan")
    operator.says("create-admin", "bilal@example.com", "--first-name", "Bilal", "--last-name", "Ahmed")

    assert [each["email"] for each in operator.knows("users", "list", "--search", "ahmed")] == ["bilal@example.com"]
    table = operator.says("users", "list").splitlines()
    assert table[0].split() == [
        "E-mail",
        "First",
        "name",
        "Last",
        "name",
        "Role",
        "Active",
        "Verified",
        "2nd",
        "factor",
        "Id",
    ]
    assert len(table) == 3
    assert "last_name      Ahmed" in operator.says("users", "show", "BILAL@example.com")
    assert "Nobody has the address carol@example.com" in operator.says("users", "show", "carol@example.com", status=1)


def test_a_person_is_let_in_no_more_and_again_but_never_the_last_who_runs_the_hub(operator: Operator) -> None:
    operator.says("create-admin", "ayesha@example.com")
    assert "Nobody else runs this hub" in operator.says("users", "deactivate", "ayesha@example.com", status=1)

    operator.says("create-admin", "bilal@example.com")
    assert operator.says("users", "deactivate", "bilal@example.com") == "bilal@example.com is let in no more."
    assert operator.knows("users", "show", "bilal@example.com")["is_active"] is False
    assert "inactive already" in operator.says("users", "deactivate", "bilal@example.com", status=1)
    assert "Nobody in use has the address" in operator.says("sign-in-link", "bilal@example.com", status=1)
    assert operator.says("users", "reactivate", "bilal@example.com") == "bilal@example.com may sign in again."
    assert ("operator", "person.deactivate") in operator.acts()


def test_whom_no_letter_reaches_is_helped_by_links(operator: Operator) -> None:
    operator.says("create-admin", "ayesha@example.com")

    assert re.fullmatch(
        rf"{PUBLIC_URL}/reset-password#shl_\S{{43}}", operator.says("users", "reset-link", "ayesha@example.com")
    )
    assert re.fullmatch(rf"{PUBLIC_URL}/sign-in#shl_\S{{43}}", operator.says("sign-in-link", "Ayesha@example.com"))
    assert operator.acts()[-2:] == [("operator", "person.reset_link"), ("operator", "person.sign_in_link")]
