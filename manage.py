#!/usr/bin/env python
import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clipboard.settings")
    from django.core.management import execute_from_command_line

    from clipboard.lib.env import BadSetting

    try:
        execute_from_command_line(sys.argv)
    except BadSetting as error:
        sys.exit(f"Setting not usable: {error}\nEvery setting is explained in docs/settings.md.")


if __name__ == "__main__":
    main()
