using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>A step in the move of a device's session from one edge to another.</summary>
public enum TransferStep
{
    /// <summary>The device moves: the edge that has its session is to hand it over.</summary>
    Move,

    /// <summary>The session, on its way to the next edge.</summary>
    Session,

    /// <summary>The next edge has the session, and has told the device.</summary>
    Taken,

    /// <summary>The next edge cannot take the session: the earlier one keeps it.</summary>
    Refused,
}

/// <summary>A message about the session of a device that moves from one edge to another. Immutable.</summary>
/// <remarks>Source: Ullah et al. (2022), FedFly: what a checkpoint of a session holds, and in which order it is handed over.</remarks>
public sealed record SessionTransfer : ISized, IReplaceable
{
    /// <summary>The step.</summary>
    public required TransferStep Step { get; init; }

    /// <summary>The device, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>The edge that has the session: the name of its pipeline, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string From
    {
        get;
        init => field = DeviceName.Checked(value, nameof(From));
    }

    /// <summary>The edge that it moves to: the name of its pipeline, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string To
    {
        get;
        init => field = DeviceName.Checked(value, nameof(To));
    }

    /// <summary>How often the session has moved, this time included; 0 in <see cref="TransferStep.Move"/>.</summary>
    public int Term { get; init; }

    /// <summary>The session; null but in <see cref="TransferStep.Session"/>.</summary>
    public SessionCheckpoint? Session { get; init; }

    /// <summary>The edge that has to read this message.</summary>
    public string Recipient => Step == TransferStep.Session ? To : From;

    /// <inheritdoc />
    public long SizeBytes => 128 + (Session?.SizeBytes ?? 0);

    /// <inheritdoc />
    public string ReplacementKey => $"{Device}/{Step}/{Term}";

    /// <inheritdoc />
    public override string ToString() => $"{Step} {Device} from {From} to {To}, term {Term}";
}
