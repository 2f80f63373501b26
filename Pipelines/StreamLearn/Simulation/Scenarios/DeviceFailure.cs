namespace StreamLearn.Simulation;

/// <summary>An event that affects a whole device.</summary>
public enum FailureKind
{
    /// <summary>Stops at once and loses its state.</summary>
    Crash,

    /// <summary>Ends normally.</summary>
    Leave,

    /// <summary>Restarts after a crash or leave.</summary>
    Rejoin,

    /// <summary>Moves elsewhere, such as to another edge server, as the program defines.</summary>
    Move,
}

/// <summary>A scheduled event of a scenario's device.</summary>
/// <param name="AtSeconds">Time in virtual seconds since the start.</param>
/// <param name="Device">The device's name, or <c>#</c> and its index, from 0.</param>
/// <param name="Kind">The event.</param>
/// <param name="To">The destination of a move, such as an edge server; otherwise empty.</param>
public sealed record DeviceFailure(double AtSeconds, string Device, FailureKind Kind, string To = "")
{
    /// <summary>Returns true if the event affects this device.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="index">Its index, from 0.</param>
    public bool Hits(string name, int index) => DeviceReference.Means(Device, name, index);

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"{Verb} at {AtSeconds} s");

    private string Verb => Kind switch
    {
        FailureKind.Crash => "crashes",
        FailureKind.Leave => "leaves",
        FailureKind.Move => $"moves to {To}",
        _ => "rejoins",
    };
}
