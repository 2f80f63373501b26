namespace StreamLearn.Learning;

/// <summary>A step in moving a session between edges.</summary>
public enum TransferStep
{
    /// <summary>Asks the current edge to hand the session over.</summary>
    Move,

    /// <summary>Carries the session to the next edge.</summary>
    Session,

    /// <summary>The next edge has the session and informed the device.</summary>
    Taken,

    /// <summary>The next edge refuses; the earlier one keeps the session.</summary>
    Refused,
}

/// <summary>A message that moves a device's session between edges. Immutable.</summary>
/// <remarks>Source: Ullah et al. (2022), FedFly: checkpoint contents and handover order.</remarks>
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

    /// <summary>Pipeline name of the current edge, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string From
    {
        get;
        init => field = DeviceName.Checked(value, nameof(From));
    }

    /// <summary>Pipeline name of the next edge, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string To
    {
        get;
        init => field = DeviceName.Checked(value, nameof(To));
    }

    /// <summary>Number of moves, this one included; 0 in <see cref="TransferStep.Move"/>.</summary>
    public int Term { get; init; }

    /// <summary>The session; null except in <see cref="TransferStep.Session"/>.</summary>
    public SessionCheckpoint? Session { get; init; }

    /// <summary>The edge that receives this message.</summary>
    public string Recipient => Step == TransferStep.Session ? To : From;

    /// <inheritdoc />
    public long SizeBytes => 128 + (Session?.SizeBytes ?? 0);

    /// <inheritdoc />
    public string ReplacementKey => $"{Device}/{Step}/{Term}";

    /// <inheritdoc />
    public override string ToString() => $"{Step} {Device} from {From} to {To}, term {Term}";
}
