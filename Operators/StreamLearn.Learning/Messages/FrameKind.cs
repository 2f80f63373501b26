namespace StreamLearn.Learning;

/// <summary>What a frame holds. The numbers travel in frames, and in the envelopes around them.</summary>
internal enum FrameKind : byte
{
    /// <summary>Something else, as its codec says.</summary>
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

    /// <summary>How a device answered its own rows before it learned from them.</summary>
    Score = 9,

    /// <summary>A device's session, on its way from one edge to another.</summary>
    Session = 10,

    /// <summary>A part of an update's bytes.</summary>
    Piece = 11,

    // 20 to 25: StreamLearn.Nodes
}
