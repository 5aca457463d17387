"""python -m delivery.sendmail"""

import sys

from delivery.sendmail.command import sendmail

if __name__ == "__main__":
    sys.exit(sendmail(sys.argv[1:]))
