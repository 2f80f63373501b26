namespace StreamLearn.Simulation;

/// <summary>Totals of time in each state and of bits sent and received. A <see cref="PowerProfile"/> turns them into energy.</summary>
internal readonly record struct EnergyMeter
{
    internal TimeSpan Idle { get; init; }

    /// <summary>Computing time, summed over cores.</summary>
    internal TimeSpan Computing { get; init; }

    internal TimeSpan Sending { get; init; }

    internal TimeSpan Receiving { get; init; }

    /// <summary>Time during which the radio stays on after sending.</summary>
    internal TimeSpan Tail { get; init; }

    internal long Bits { get; init; }

    /// <summary>Sum over all states; exceeds the run time if states overlap.</summary>
    internal TimeSpan Total => Idle + Computing + Sending + Receiving + Tail;

    internal double Joules(PowerProfile power) =>
        (power.IdleWatts * Idle.TotalSeconds) + (power.ComputingWatts * Computing.TotalSeconds)
            + (power.SendingWatts * (Sending + Tail).TotalSeconds) + (power.ReceivingWatts * Receiving.TotalSeconds)
            + (power.JoulesPerBit * Bits);
}
