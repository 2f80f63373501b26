namespace Tool;

/// <summary>Energy, and where the figure is from.</summary>
internal readonly record struct EnergyReading(double Joules, string Kind)
{
    /// <summary>Seconds of computing times a power.</summary>
    internal const string Modelled = "modelled";

    /// <summary>By the processor's counter, of all programs.</summary>
    internal const string Rapl = "measured by RAPL";

    /// <summary>By a meter that writes a power file.</summary>
    internal const string PowerFile = "measured by a power file";
}
