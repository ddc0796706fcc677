"""Code of kernels that only other compiled functions call: kept unoptimised, for entries to link.

Numba optimises every function together with all that it calls and makes machine code of it, at each
level of the call tree anew. Nobody runs that code: only entries are called from Python. Here a
kernel's code is left as it was lowered; the entry links in all it needs and optimises it once,
which halves the time to compile.
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
        """Leave the code as it is."""
        self._raise_if_finalized()
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, _name: str) -> int:
        """No function is ever called at an address of its own."""
        self._ensure_finalized()
        return 0

    @property
    def codegen(self) -> Any:
        """Who would be told the function's environment: nobody, since code never runs from here."""
        return self

    def set_env(self, _name: str, _environment: Any) -> None:
        """Constants are in the code; an environment serves exceptions, which no kernel raises."""

    def _get_module_for_linking(self) -> Any:
        """The code of this kernel and of all below it, which the caller may discard or merge."""
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
        """All that has to be linked: itself and what it calls, each once."""
        found: dict[Any, None] = {}
        pending: list[Any] = [self]
        while pending:
            library = pending.pop()
            if library not in found:
                found[library] = None
                pending += library._linking_libraries
        return list(found)


class KernelCompiler(Compiler):
    """Numba's compiler, without needless passes, putting the code into a `KernelLibrary`."""

    def __init__(self, typingctx: Any, targetctx: Any, library: Any, *rest: Any) -> None:
        library = library or KernelLibrary(targetctx.codegen(), "kernel")
        super().__init__(typingctx, targetctx, library, *rest)

    def define_pipelines(self) -> Any:
        """The passes over a function."""
        pipelines = super().define_pipelines()
        for each in pipelines:
            each.passes = without_skipped(each.passes)
        return pipelines


class EntryLibrary(JITCodeLibrary):
    """Code of an entry with all its kernels.

    Nobody else calls this copy of the kernels: the optimiser may inline one that is called once,
    drop arguments that are not used, and leave out what nobody calls any more. The copies are
    private, so that the linker does not see their names: it would give them, with their changed
    arguments, to other compiled functions that call the same kernels.
    """

    def _optimize_final_module(self) -> None:
        """Optimise, once the kernels are linked in."""
        for function in self._final_module.functions:
            if not function.is_declaration and function.linkage == llvm.Linkage.linkonce_odr:
                function.linkage = "private"
        super()._optimize_final_module()

    def _finalize_specific(self) -> None:
        """Make machine code, while signals wait.

        LLVM hands it over by calling Python, which has no way to raise there: the exception of a
        signal that comes in that time would be lost, and the program would go on.
        """
        with held_back():
            super()._finalize_specific()


class EntryCompiler(Compiler):
    """Numba's compiler, putting the code into an `EntryLibrary`."""

    def __init__(self, typingctx: Any, targetctx: Any, library: Any, *rest: Any) -> None:
        if library is None:
            library = EntryLibrary(targetctx.codegen(), "entry")
            library.enable_object_caching()
        super().__init__(typingctx, targetctx, library, *rest)
