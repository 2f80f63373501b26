namespace Partition;

/// <summary>Where a fleet is when a version of the model is made.</summary>
/// <param name="At">Virtual time since the start.</param>
/// <param name="Joules">Energy that the devices have taken until then.</param>
/// <param name="BytesUp">Bytes that the links of devices have carried from them.</param>
/// <param name="BytesDown">Bytes that they have carried to them.</param>
/// <param name="Sha256">The bits of the version.</param>
/// <param name="Accuracy">Its accuracy with people whom it has not seen; NaN: nobody judges.</param>
internal readonly record struct FleetPoint(
    TimeSpan At, double Joules, long BytesUp, long BytesDown, string Sha256, double Accuracy);
