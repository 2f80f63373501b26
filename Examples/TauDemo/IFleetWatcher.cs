using StreamLearn.Fleets;

namespace TauDemo;

/// <summary>Is told what happens in a fleet, on the thread that runs it.</summary>
internal interface IFleetWatcher
{
    /// <summary>A round has ended.</summary>
    /// <param name="round">The round.</param>
    void Add(Round round);

    /// <summary>The aggregator has sent or got a message.</summary>
    /// <param name="text">What it was, in a line.</param>
    void AddAggregatorLine(string text);

    /// <summary>The first node has sent or got a message.</summary>
    /// <param name="text">What it was, in a line.</param>
    void AddNodeLine(string text);
}
