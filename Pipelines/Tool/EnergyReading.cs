namespace Tool;

/// <summary>Source of an energy figure.</summary>
internal enum EnergySource
{
    /// <summary>Modelled: compute seconds times a power.</summary>
    Modelled,

    /// <summary>Measured by the processor's RAPL counter, for all programs.</summary>
    Rapl,

    /// <summary>Measured by a meter that writes a power file.</summary>
    PowerFile,
}

/// <summary>Energy and its source.</summary>
internal readonly record struct EnergyReading(double Joules, EnergySource Source)
{
    /// <summary>The source in words.</summary>
    public string Kind => Source switch
    {
        EnergySource.Modelled => "modelled",
        EnergySource.Rapl => "measured by RAPL",
        _ => "measured by a power file",
    };

    /// <summary>Models the energy of seconds of computing.</summary>
    public static EnergyReading Modelled(double computing, double watts)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(computing);
        ArgumentOutOfRangeException.ThrowIfNegative(watts);
        return new(computing * watts, EnergySource.Modelled);
    }

    /// <summary>Formats the energy and its source: <c>1.25 J, modelled</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Joules:0.####} J, {Kind}");
}
