namespace StreamLearn.Models;

/// <summary>Dimension along which nodes divide a block's output.</summary>
public enum PartCut
{
    /// <summary>Lines, or a signal's samples: nodes need some input lines.</summary>
    Lines,

    /// <summary>Channels of one layer: nodes need the whole input and their channels' weights.</summary>
    Channels,
}
