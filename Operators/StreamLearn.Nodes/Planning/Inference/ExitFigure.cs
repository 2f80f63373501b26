namespace StreamLearn.Nodes;

/// <summary>What an <see cref="ExitGoal"/> is about; each is the mean of a row.</summary>
public enum ExitFigure
{
    /// <summary>Share of rows answered right, as the curve says; more is better. Of the others less is better.</summary>
    Accuracy,

    /// <summary>Seconds from the row to its answer.</summary>
    Seconds,

    /// <summary>Joules of the device.</summary>
    Joules,

    /// <summary>Seconds that the server computes.</summary>
    ServerSeconds,

    /// <summary>Share of rows that are sent to the server.</summary>
    SentShare,
}
