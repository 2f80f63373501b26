namespace StreamLearn.Simulation;

/// <summary>A device's activity, for its power.</summary>
public enum PowerState
{
    /// <summary>The device is in none of the other states.</summary>
    Idle,

    /// <summary>Computing.</summary>
    Computing,

    /// <summary>Sending.</summary>
    Sending,

    /// <summary>Receiving.</summary>
    Receiving,

    /// <summary>Radio still on after sending.</summary>
    Tail,
}

/// <summary>Immutable totals of a device's time per state and its radio bits; with a <see cref="PowerProfile"/>, its energy.</summary>
public readonly record struct EnergyMeter
{
    /// <summary>Idle time.</summary>
    public TimeSpan Idle { get; init; }

    /// <summary>Computing time, summed over cores.</summary>
    public TimeSpan Computing { get; init; }

    /// <summary>Sending time.</summary>
    public TimeSpan Sending { get; init; }

    /// <summary>Receiving time.</summary>
    public TimeSpan Receiving { get; init; }

    /// <summary>Time with the radio still on after sending.</summary>
    public TimeSpan Tail { get; init; }

    /// <summary>Bits sent and received.</summary>
    public long Bits { get; init; }

    /// <summary>Sum over all states; exceeds the run time if states overlap.</summary>
    public TimeSpan Total => Idle + Computing + Sending + Receiving + Tail;

    /// <summary>Sums a trace of consecutive states.</summary>
    /// <param name="trace">States and durations, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A state is unknown, or a time is negative.</exception>
    public static EnergyMeter Of(ReadOnlySpan<(PowerState State, TimeSpan Time)> trace)
    {
        var meter = new EnergyMeter();
        foreach (var (state, time) in trace) { meter = meter.With(state, time); }
        return meter;
    }

    /// <summary>Adds time in a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="time">The duration, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The state is unknown, or the time is negative.</exception>
    public EnergyMeter With(PowerState state, TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        return state switch
        {
            PowerState.Idle => this with { Idle = Idle + time },
            PowerState.Computing => this with { Computing = Computing + time },
            PowerState.Sending => this with { Sending = Sending + time },
            PowerState.Receiving => this with { Receiving = Receiving + time },
            PowerState.Tail => this with { Tail = Tail + time },
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "expected a state"),
        };
    }

    /// <summary>Computes the energy of times and bits, in joules.</summary>
    /// <param name="power">The power profile.</param>
    public double Joules(PowerProfile power)
    {
        ArgumentNullException.ThrowIfNull(power);
        return (power.IdleWatts * Idle.TotalSeconds) + (power.ComputingWatts * Computing.TotalSeconds)
            + (power.SendingWatts * (Sending + Tail).TotalSeconds) + (power.ReceivingWatts * Receiving.TotalSeconds)
            + (power.JoulesPerBit * Bits);
    }
}
