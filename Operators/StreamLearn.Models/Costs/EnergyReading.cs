using System.Globalization;

namespace StreamLearn.Models;

/// <summary>Where joules come from.</summary>
public enum EnergySource
{
    /// <summary>Modelled: seconds of computing times a power.</summary>
    Modelled,

    /// <summary>Measured by the counter of the processor (RAPL), whoever used it.</summary>
    Rapl,

    /// <summary>Measured by a meter that writes a file of powers.</summary>
    PowerFile,
}

/// <summary>Energy, and where the number comes from.</summary>
/// <param name="Joules">The energy, 0 or more.</param>
/// <param name="Source">Where the number comes from.</param>
public readonly record struct EnergyReading(double Joules, EnergySource Source)
{
    /// <summary>Modelled or measured, and by what.</summary>
    public string Kind => Source switch
    {
        EnergySource.Modelled => "modelled",
        EnergySource.Rapl => "measured by RAPL",
        _ => "measured by a power file",
    };

    /// <summary>The energy that seconds of computing take, modelled.</summary>
    /// <param name="computing">Seconds of all cores that compute, 0 or more.</param>
    /// <param name="watts">Power of a core that computes, 0 or more.</param>
    public static EnergyReading Modelled(double computing, double watts)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(computing);
        ArgumentOutOfRangeException.ThrowIfNegative(watts);
        return new(computing * watts, EnergySource.Modelled);
    }

    /// <summary>The number with its kind: <c>1.25 J, modelled</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Joules:0.####} J, {Kind}");
}
