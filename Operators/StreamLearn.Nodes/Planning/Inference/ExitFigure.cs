namespace StreamLearn.Nodes;

/// <summary>The figures for an <see cref="ExitGoal"/>, each a mean per row.</summary>
internal enum ExitFigure
{
    /// <summary>The share of correct answers according to the curve; more is better, unlike with the others.</summary>
    Accuracy,

    Seconds,

    Joules,

    ServerSeconds,

    SentShare,
}
