namespace StreamLearn;

/// <summary>What the payload behind an <see cref="Envelope"/> is. The numbers are those of the frames that learning messages are written
/// in.</summary>
public enum EnvelopeKind : byte
{
    /// <summary>Something the library has no word for.</summary>
    Other = 0,

    /// <summary>A model version.</summary>
    Weights = 1,

    /// <summary>What a device learned.</summary>
    Delta = 2,

    /// <summary>What a device says of itself.</summary>
    Presence = 3,

    /// <summary>A batch between two layers, on its way forward.</summary>
    Activations = 4,

    /// <summary>Its gradients, on their way back.</summary>
    Gradients = 5,

    /// <summary>Where a split is to move.</summary>
    SplitPlan = 6,

    /// <summary>Thresholds of early exits.</summary>
    ExitPlan = 7,

    /// <summary>What has become of a device's updates.</summary>
    Receipt = 8,
}

/// <summary>How far a message may go.</summary>
[Flags]
internal enum EnvelopeFlags
{
    /// <summary>Anywhere.</summary>
    None = 0,

    /// <summary>Not beyond the edge it was sent to.</summary>
    EdgeOnly = 1,
}

/// <summary>Why bytes are no message with an <see cref="Envelope"/>.</summary>
internal enum EnvelopeFault
{
    /// <summary>They are one.</summary>
    None,

    /// <summary>They end before the header does.</summary>
    Cut,

    /// <summary>They do not begin as an envelope.</summary>
    Magic,

    /// <summary>The format version is not known.</summary>
    Version,

    /// <summary>The payload is not as long as the header says.</summary>
    Length,

    /// <summary>The checksum differs.</summary>
    Checksum,

    /// <summary>The kind is not known.</summary>
    Kind,

    /// <summary>A flag is not known.</summary>
    Flags,

    /// <summary>A name is too long, empty where it must not be, no UTF-8, or has control characters.</summary>
    Name,

    /// <summary>A number is out of its range.</summary>
    Number,
}
