# docker build -t isosim . && docker run -it isosim
# Not verified here (2026-11-22): no Docker engine and no image could be had where isosim is developed. The
# same version of dolfinx is tested on Debian 13 (make test-matrix).
FROM dolfinx/dolfinx:v0.9.0
COPY . /isosim
WORKDIR /isosim
RUN bash scripts/env.sh && .venv/bin/isosim warmup
ENV PATH=/isosim/.venv/bin:$PATH
CMD ["bash"]
