#!/usr/bin/env python
import sys

if __name__ == "__main__":
    try:
        from lsst.dia.repro.report.diaReport import main

        main()
    except ModuleNotFoundError as error:
        sys.exit(f"diaReport.py: {error}: pip install 'dia-repro[report]' brings it")
    except ImportError as error:
        sys.exit(f"diaReport.py: {error}")
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        sys.exit(130)
