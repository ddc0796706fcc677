"""Code libraries of kernels, left unoptimised until an entry links them.

Numba optimises every function together with all its callees and generates machine code for it,
again at each level of the call tree. That code never runs, because Python calls entries only. Here
a kernel's code is left as lowered; the entry links in what it needs and optimises it once, which
halves the compile time.
"""

from typing import Any

import llvmlite.binding as llvm
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler

from lunar_env.kernel.front_end import without_skipped
from lunar_env.stopping import held_back


class KernelLibrary(JITCodeLibrary):
    """Code of one kernel, and the libraries of the kernels that it calls."""

    def finalize(self) -> None:
        """Finish the library without optimising or generating machine code."""
        self._raise_if_finalized()
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, _name: str) -> int:
        """Return no address: a kernel is linked into entries, never called by address."""
        self._ensure_finalized()
        return 0

    @property
    def codegen(self) -> Any:
        """The receiver of the function's environment: this object, whose `set_env` does nothing."""
        return self

    def set_env(self, _name: str, _environment: Any) -> None:
        """Ignore the environment: it serves exceptions, which no kernel raises."""

    def _get_module_for_linking(self) -> Any:
        """Module of this kernel and all its callees, in which the linker may merge duplicates."""
        module: Any = self._shared_module
        if module is None:
            self._shared_module = module = llvm.parse_assembly("")
            for library in self._linked_libraries():
                module.link_in(library._final_module, preserve=True)
            for function in module.functions:
                if not function.is_declaration and function.linkage == llvm.Linkage.external:
                    function.linkage = "linkonce_odr"
        return module

    def _linked_libraries(self) -> list["KernelLibrary"]:
        """Libraries to link: this one and those of all callees, each once."""
        found: dict[Any, None] = {}
        pending: list[Any] = [self]
        while pending:
            library = pending.pop()
            if library not in found:
                found[library] = None
                pending += library._linking_libraries
        return list(found)


class KernelCompiler(Compiler):
    """Numba's compiler without needless passes, with a `KernelLibrary` as its output."""

    def __init__(self, typingctx: Any, targetctx: Any, library: Any, *rest: Any) -> None:
        library = library or KernelLibrary(targetctx.codegen(), "kernel")
        super().__init__(typingctx, targetctx, library, *rest)

    def define_pipelines(self) -> Any:
        """Return the compiler passes without those of `SKIPPED_PASSES`."""
        pipelines = super().define_pipelines()
        for each in pipelines:
            each.passes = without_skipped(each.passes)
        return pipelines


class EntryLibrary(JITCodeLibrary):
    """Code of an entry with all its kernels.

    Only this entry calls its copies of the kernels: the optimiser may inline one that is called
    once, drop unused arguments and remove unused functions. The copies have private linkage, which
    hides their names from the linker: it could otherwise resolve calls of other compiled functions
    to these copies with changed arguments.
    """

    def _optimize_final_module(self) -> None:
        """Make the linked kernels private, then optimise."""
        for function in self._final_module.functions:
            if not function.is_declaration and function.linkage == llvm.Linkage.linkonce_odr:
                function.linkage = "private"
        super()._optimize_final_module()

    def _finalize_specific(self) -> None:
        """Generate machine code with signals deferred.

        LLVM delivers it through a callback into Python, where no exception can propagate: one
        raised by a signal at that time would be lost, and the program would continue.
        """
        with held_back():
            super()._finalize_specific()


class EntryCompiler(Compiler):
    """Numba's compiler with an `EntryLibrary` as its output."""

    def __init__(self, typingctx: Any, targetctx: Any, library: Any, *rest: Any) -> None:
        if library is None:
            library = EntryLibrary(targetctx.codegen(), "entry")
            library.enable_object_caching()
        super().__init__(typingctx, targetctx, library, *rest)
