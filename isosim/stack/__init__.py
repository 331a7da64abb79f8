"""Layers, stacks, the generator of dummy cells, and their meshes."""

from isosim.stack.layer import Layer
from isosim.stack.mesh import SectionMesh, SolidMesh, section_mesh, solid_mesh
from isosim.stack.meshfile import read_mesh, write_mesh
from isosim.stack.pouch_edge import Frame, PouchEdge
from isosim.stack.stack import Electrode, Stack

__all__ = [
    "Electrode",
    "Frame",
    "Layer",
    "PouchEdge",
    "SectionMesh",
    "SolidMesh",
    "Stack",
    "read_mesh",
    "section_mesh",
    "solid_mesh",
    "write_mesh",
]
