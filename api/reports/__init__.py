"""Reports as files: workbooks that open in any office program."""
