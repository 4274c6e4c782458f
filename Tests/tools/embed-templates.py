#!/usr/bin/env python3
"""Keeps the CI templates that `outlast init` writes the same as those in ci-templates.

Usage: embed-templates.py [--check]     writes Sources/OutlastPipelines/Starters/Texts, or says what is not the same
"""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "Sources", "OutlastPipelines", "Starters", "Texts")
TEXTS = {
    "GitLab": {"gitlabOutlast": "gitlab/outlast.yml", "gitlabRotate": "gitlab/examples/rotate.yml"},
    "GitHub": {
        "githubAction": "github/action.yml",
        "githubStart": "github/start.js",
        "githubMain": "github/main.js",
        "githubPost": "github/post.js",
    },
    "Others": {
        "jenkinsPlain": "jenkins/examples/Jenkinsfile.plain",
        "azure": "azure/azure-pipelines.yml",
        "circleci": "circleci/config.yml",
        "bitbucket": "bitbucket/bitbucket-pipelines.yml",
        "buildkitePreCommand": "buildkite/hooks/pre-command",
        "buildkitePreExit": "buildkite/hooks/pre-exit",
    },
}


def swift(texts):
    parts = ["// The templates of ci-templates, word for word. Made by Tests/tools/embed-templates.py: change them there.\n\n",
             "extension StarterText {\n"]
    for index, (name, path) in enumerate(texts.items()):
        with open(os.path.join(ROOT, "ci-templates", path), encoding="utf-8") as file:
            text = file.read()
        lines = "".join(f"        {line}\n" if line else "\n" for line in text.removesuffix("\n").split("\n"))
        parts.append("\n" if index else "")
        parts.append(f'    /// ci-templates/{path}\n    static let {name} = #"""\n{lines}\n        """#\n')
    return "".join(parts) + "}\n"


different = []
for group, texts in TEXTS.items():
    path = os.path.join(FOLDER, f"StarterText+{group}.swift")
    made = swift(texts)
    if sys.argv[1:] == ["--check"]:
        with open(path, encoding="utf-8") as file:
            if file.read() != made:
                different.append(path)
    else:
        with open(path, "w", encoding="utf-8") as file:
            file.write(made)
if different:
    sys.exit("not the same as ci-templates, run Tests/tools/embed-templates.py: " + ", ".join(different))
