#!/usr/bin/env python
import sys

if __name__ == "__main__":
    try:
        from lsst.dia.repro.quickImports import quickImports

        with quickImports():
            from lsst.dia.repro.report.diaReport import main

        sys.exit(main())
    except ModuleNotFoundError as error:
        extra = "gen3" if str(error.name).startswith("lsst.") else "report"
        sys.exit(f"diaReport.py: {error}: pip install 'dia-repro[{extra}]' brings it")
    except ImportError as error:
        sys.exit(f"diaReport.py: {error}")
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        sys.exit(130)
