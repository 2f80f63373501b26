namespace StreamLearn.Learning;

/// <summary>Kinds of frame. The numbers are part of the wire format.</summary>
internal enum FrameKind : byte
{
    Other = 0,

    Weights = 1,

    Delta = 2,

    Presence = 3,

    Activations = 4,

    Gradients = 5,

    SplitPlan = 6,

    ExitPlan = 7,

    Receipt = 8,

    Score = 9,

    Session = 10,

    /// <summary>A part of an update's bytes.</summary>
    Piece = 11,

    // 20 to 25: StreamLearn.Nodes
}
