"""What the lander's computer knows of its instruments and its site: sigmas of errors, and design.

These elements of the observation are constant during an episode. The errors of a scenario are drawn
from distributions; the lander knows their standard deviations, as of a data sheet, unless the
scenario states others. Those of a sensor that is not fitted are zero.
"""

from typing import Final

from lunar_env.sim.fields import Field


def sheet_fields() -> tuple[Field, ...]:
    """Fields of the data sheet, in their order in the observation."""
    sample, constant = "1 sigma of the noise of a sample", "1 sigma of the constant error"
    hillside = "hillside at the target: rise toward the"
    reach = "... distance from its centre at which it levels out"
    return (
        Field("lrf_noise_sigma_m", "m", 1.0, 0.0, 1e3, f"rangefinder: {sample} at rest"),
        Field("lrf_bias_sigma_m", "m", 1.0, 0.0, 1e3, f"rangefinder: {constant}"),
        Field("lrf_scale_sigma_frac", "-", 1e-3, 0.0, 1e3, f"rangefinder: {constant} of scale"),
        Field("lrf_stamp_sigma_s", "s", 0.1, 0.0, 100.0, f"rangefinder: {constant} of stamps"),
        Field("lrf_stamp_jitter_s", "s", 0.1, 0.0, 100.0, f"stamps: {sample}"),
        Field("lrf_pointing_sigma_rad", "rad", 0.02, 0.0, 100.0, f"beam: {constant} of an axis"),
        Field("ralt_noise_sigma_m", "m", 1.0, 0.0, 1e3, f"radar: {sample} ..."),
        Field("ralt_noise_sigma_frac", "-", 0.01, 0.0, 100.0, "... plus this part of its range"),
        Field("ralt_scale_sigma_frac", "-", 0.01, 0.0, 100.0, f"radar: {constant} of scale"),
        Field("ralt_half_width_rad", "rad", 0.5, 0.0, 4.0, "radar: half width of its beam"),
        Field("ralt_mount_offset_m", "m", 1.0, -10.0, 10.0, "radar below the centre of mass"),
        Field("dvl_noise_sigma_m_s", "m/s", 0.1, 0.0, 1e3, f"velocimeter, of a beam: {sample} ..."),
        Field("dvl_noise_sigma_frac", "-", 0.01, 0.0, 100.0, "... plus this part of its speed"),
        Field("dvl_cant_rad", "rad", 0.5, 0.0, 4.0, "velocimeter: beams from the body axis"),
        Field("cam_noise_sigma_m", "m", 10.0, 0.0, 1e3, f"camera, of x and y: {sample}"),
        Field("cam_noise_height_sigma_m", "m", 10.0, 0.0, 1e3, f"camera, of z: {sample}"),
        Field("cam_bias_sigma_m", "m", 10.0, 0.0, 1e3, f"camera, of x and y: {constant}"),
        Field("cam_bias_height_sigma_m", "m", 10.0, 0.0, 1e3, f"camera, of z: {constant}"),
        Field("imu_bias_sigma_m_s2", "m/s^2", 0.01, 0.0, 100.0, f"accelerometers: {constant}"),
        Field("imu_scale_sigma_frac", "-", 1e-3, 0.0, 1e3, "their scale and alignment: 1 sigma"),
        Field("ground_relief_m", "m", 10.0, 0.0, 100.0, "ground: RMS rise over 100 m, from maps"),
        Field("ground_hurst", "-", 1.0, 0.0, 1.0, "... and its growth with distance: exponent"),
        Field("ground_slope_east_frac", "-", 0.1, -100.0, 100.0, f"{hillside} east"),
        Field("ground_slope_north_frac", "-", 0.1, -100.0, 100.0, f"{hillside} north"),
        Field("ground_slope_reach_m", "m", 100.0, 0.0, 1e3, reach),
    )


SHEET_FIELDS: Final = sheet_fields()
