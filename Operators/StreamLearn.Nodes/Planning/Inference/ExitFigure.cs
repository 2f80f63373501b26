namespace StreamLearn.Nodes;

/// <summary>Figures of an <see cref="ExitGoal"/>, each a mean per row.</summary>
internal enum ExitFigure
{
    /// <summary>Share of correct answers by the curve; more is better, unlike the others.</summary>
    Accuracy,

    /// <summary>Seconds from row to answer.</summary>
    Seconds,

    /// <summary>The device's joules.</summary>
    Joules,

    /// <summary>The server's compute seconds.</summary>
    ServerSeconds,

    /// <summary>Share of rows sent to the server.</summary>
    SentShare,
}
