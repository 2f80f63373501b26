namespace StreamLearn.Models;

/// <summary>What of a block's output the nodes that share it divide among them.</summary>
public enum PartCut
{
    /// <summary>Its lines, or the samples of a signal: each node needs some lines of the input.</summary>
    Lines,

    /// <summary>Its channels, of one layer: each node needs the whole input, and uses the weights of its channels.</summary>
    Channels,
}
