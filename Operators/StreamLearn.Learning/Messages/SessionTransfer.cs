namespace StreamLearn.Learning;

/// <summary>A step in moving a session between edges.</summary>
public enum TransferStep
{
    /// <summary>Asks the current edge to hand the session over.</summary>
    Move,

    /// <summary>Carries the session to the next edge.</summary>
    Session,

    /// <summary>The next edge has the session and has informed the device.</summary>
    Taken,

    /// <summary>The next edge refuses the session; the earlier one keeps it.</summary>
    Refused,
}

/// <summary>A message that moves a device's session between edges. Immutable.</summary>
/// <remarks>Source: Ullah et al. (2022), FedFly, for the content of the checkpoint and the order of the handover.</remarks>
public sealed record SessionTransfer : ISized, IReplaceable
{
    /// <summary>The step.</summary>
    public required TransferStep Step { get; init; }

    /// <summary>The device, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device { get; init => field = DeviceName.Checked(value, nameof(Device)); }

    /// <summary>Pipeline name of the current edge, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string From { get; init => field = DeviceName.Checked(value, nameof(From)); }

    /// <summary>Pipeline name of the next edge, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string To { get; init => field = DeviceName.Checked(value, nameof(To)); }

    /// <summary>Number of moves including this one; 0 in <see cref="TransferStep.Move"/>.</summary>
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

    internal static SessionTransfer? Fields(ref FrameFields f, SessionTransfer? t)
    {
        var step = (TransferStep)f.Byte((byte?)t?.Step, (byte)TransferStep.Refused);
        var term = f.Int(t?.Term, min: 0);
        var (device, from, to) = (f.Text(t?.Device), f.Text(t?.From), f.Text(t?.To));
        var session = f.Optional(FrameFlags.Part, t?.Session, SessionCheckpoint.Fields);
        return !f.HasRead(session is null != (step == TransferStep.Session)) ? t
            : new() { Step = step, Term = term, Device = device, From = from, To = to, Session = session };
    }
}
