namespace Partition;

/// <summary>A figure of a paper beside what the specification's calibration and this library come to.</summary>
/// <param name="System">Whose figure it is.</param>
/// <param name="What">What it measures, and in which circumstances.</param>
/// <param name="Published">The published figure; empty: there is none.</param>
/// <param name="Calibrated">That of the specification; empty: it has none.</param>
/// <param name="Ours">Ours.</param>
/// <param name="Format">How ours prints: a format of .NET, such as <c>0.00x</c>.</param>
/// <param name="Why">Why they differ.</param>
internal sealed record Figure(
    string System, string What, string Published, string Calibrated, double Ours, string Format, string Why);
