namespace StreamLearn.Learning;

/// <summary>Kinds of frame. The numbers are part of the wire format.</summary>
internal static class FrameKind
{
    internal const byte Weights = 1;
    internal const byte Delta = 2;
    internal const byte Presence = 3;
    internal const byte Activations = 4;
    internal const byte Gradients = 5;
    internal const byte SplitPlan = 6;
    internal const byte ExitPlan = 7;
    internal const byte Receipt = 8;
    internal const byte Score = 9;
    internal const byte Session = 10;
    internal const byte Piece = 11;

    // 20 to 25 are used by StreamLearn.Nodes
}
