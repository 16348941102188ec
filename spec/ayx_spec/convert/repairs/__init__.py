"""What Alteryx Server's documents say wrongly: one named repair per defect, each applied where it is met, and noted.

A repair works on the Server's own form, Swagger 2.0, before anything is converted. It changes what is said of an
operation, never the set of operations. It leaves alone what the vendor has put right, and any other product's document.
"""

from ayx_spec.convert.repairs.messages import LISTS_TYPED_AS_ONE
from ayx_spec.convert.repairs.table import REPAIRS, Repair, repair

__all__ = ["LISTS_TYPED_AS_ONE", "REPAIRS", "Repair", "repair"]
