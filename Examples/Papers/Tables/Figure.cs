namespace Partition;

/// <summary>A figure of a paper beside what the specification's calibration and this library come to.</summary>
internal sealed record Figure(
    string System, string What, string Published, string Calibrated, double Ours, string Format, string Why);
