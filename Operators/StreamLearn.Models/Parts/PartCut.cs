namespace StreamLearn.Models;

/// <summary>The dimension along which nodes divide the output of a block.</summary>
public enum PartCut
{
    /// <summary>Lines, or the samples of a signal: each node needs some input lines.</summary>
    Lines,

    /// <summary>Channels of one layer: each node needs the whole input and the weights of its channels.</summary>
    Channels,
}
