from saas.templatetags import record


def test_facts_are_a_line_for_each_name_in_letters_as_people_write_them() -> None:
    assert record.json_text({"name": "Inês", "was": None}) == '{\n  "name": "Inês",\n  "was": null\n}'
