namespace StreamLearn.Simulation;

/// <summary>What a device does, as far as its power goes.</summary>
public enum PowerState
{
    /// <summary>Nothing of the others.</summary>
    Idle,

    /// <summary>It computes.</summary>
    Computing,

    /// <summary>It sends.</summary>
    Sending,

    /// <summary>It receives.</summary>
    Receiving,

    /// <summary>It has sent, and its radio is still on.</summary>
    Tail,
}

/// <summary>How long a device was in each state, and the bits that its radio carried: with a <see cref="PowerProfile"/>, its energy. A
/// value: a state that has ended gives the next one.</summary>
public readonly record struct EnergyMeter
{
    /// <summary>Time in which it did nothing else.</summary>
    public TimeSpan Idle { get; init; }

    /// <summary>Time in which it computed; of several cores, the sum.</summary>
    public TimeSpan Computing { get; init; }

    /// <summary>Time in which it sent.</summary>
    public TimeSpan Sending { get; init; }

    /// <summary>Time in which it received.</summary>
    public TimeSpan Receiving { get; init; }

    /// <summary>Time in which its radio was still on after it had sent.</summary>
    public TimeSpan Tail { get; init; }

    /// <summary>Bits sent and received.</summary>
    public long Bits { get; init; }

    /// <summary>Time in all states: that of the run, unless the device did several things at once.</summary>
    public TimeSpan Total => Idle + Computing + Sending + Receiving + Tail;

    /// <summary>The meter of a trace: what a device did, one after the other.</summary>
    /// <param name="trace">States, and how long each lasted, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such state, or a time is negative.</exception>
    public static EnergyMeter Of(ReadOnlySpan<(PowerState State, TimeSpan Time)> trace)
    {
        var meter = new EnergyMeter();
        foreach (var (state, time) in trace) { meter = meter.With(state, time); }
        return meter;
    }

    /// <summary>The meter after one more time in a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="time">How long it lasted, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such state, or the time is negative.</exception>
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

    /// <summary>The energy, in joules: the power of each state times its time, and what the bits take.</summary>
    /// <param name="power">What the device draws.</param>
    public double Joules(PowerProfile power)
    {
        ArgumentNullException.ThrowIfNull(power);
        return (power.IdleWatts * Idle.TotalSeconds) + (power.ComputingWatts * Computing.TotalSeconds)
            + (power.SendingWatts * (Sending + Tail).TotalSeconds) + (power.ReceivingWatts * Receiving.TotalSeconds)
            + (power.JoulesPerBit * Bits);
    }
}
