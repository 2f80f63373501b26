namespace StreamLearn.Simulation;

/// <summary>What happens to a whole device.</summary>
public enum FailureKind
{
    /// <summary>It stops at once, and what it held is lost.</summary>
    Crash,

    /// <summary>It ends in good order.</summary>
    Leave,

    /// <summary>It starts anew, after it crashed or left.</summary>
    Rejoin,

    /// <summary>It moves from one place to another, such as from one edge server to the next; what that means is the program's.</summary>
    Move,
}

/// <summary>What happens to a device of a scenario, and when.</summary>
/// <param name="AtSeconds">Virtual seconds since the start.</param>
/// <param name="Device">The device's name, or <c>#</c> and its place in the fleet, from 0.</param>
/// <param name="Kind">What happens.</param>
/// <param name="To">Where it moves to, such as the name of an edge server; empty for everything but a move.</param>
public sealed record DeviceFailure(double AtSeconds, string Device, FailureKind Kind, string To = "")
{
    /// <summary>True if it is this device that it happens to.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="index">Its place in the fleet, from 0.</param>
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
