from tests.cli.operating import PUBLIC_URL, Operator


def test_an_organization_is_entered_with_an_owner_who_is_let_in_by_a_link(operator: Operator) -> None:
    said = operator.says("orgs", "create", "Lahore Solar", "--owner", "ayesha@example.com")

    assert said.startswith("Lahore Solar is entered as lahore-solar (")
    assert f"{PUBLIC_URL}/invitation#shi_" in said
    [listed] = operator.knows("orgs", "list")
    assert (listed["name"], listed["slug"], listed["status"]) == ("Lahore Solar", "lahore-solar", "active")
    assert operator.says("orgs", "show", listed["id"]).splitlines()[0].split()[0] == "id"
    assert ("operator", "organization.create") in operator.acts()


def test_an_organization_is_suspended_and_taken_back(operator: Operator, organization: str) -> None:
    assert operator.says("orgs", "suspend", organization) == "Lahore Solar is suspended now."
    assert operator.says("orgs", "suspend", "lahore solar", status=1) == "The organization is suspended."
    assert operator.knows("orgs", "reactivate", organization)["status"] == "active"
    assert [act for act in operator.acts() if act[1].endswith(("suspend", "reactivate"))] == [
        ("operator", "organization.suspend"),
        ("operator", "organization.reactivate"),
    ]


def test_an_organization_that_is_not_there_is_told_with_those_that_are(operator: Operator, organization: str) -> None:
    assert (
        operator.says("orgs", "show", "nobody", status=1) == "There is no organization nobody here, but: lahore-solar."
    )
    assert operator.says("sites", "list", "-o", "nobody", status=1).endswith("but: lahore-solar.")


def test_of_two_with_one_name_the_slug_decides(operator: Operator, organization: str) -> None:
    operator.says("orgs", "create", "Lahore Solar", "--owner", "bilal@example.com", "--slug", "other")

    assert "is the name of several: lahore-solar, other." in operator.says("orgs", "show", "Lahore Solar", status=1)
    assert operator.knows("orgs", "show", "other")["slug"] == "other"


def test_what_a_name_may_not_be_is_told_by_field(operator: Operator) -> None:
    said = operator.says("orgs", "create", "Lahore", "--owner", "ayesha", "--slug", "No Slug", status=1)

    assert "owner.email: " in said
    assert "slug: " in said
    assert "allowed: " in said
