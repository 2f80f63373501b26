namespace StreamLearn.Hosting;

/// <summary>How the generic host runs a pipeline; one set of options for each name.</summary>
public sealed class StreamLearnOptions
{
    /// <summary>
    /// Time to drain when the host stops, or to save the state where the run keeps checkpoints; after it the run is canceled. More than
    /// zero, or infinite; default 20 s, less than the host's own shutdown time-out of 30 s.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>True: when the run fails the application stops, with exit code 1 unless another was set. Default true.</summary>
    public bool StopApplicationOnFailure { get; set; } = true;

    /// <summary>True: when all sources have ended and everything has been processed the application stops. Default false.</summary>
    public bool StopApplicationWhenFinished { get; set; }

    /// <summary>Seed, clock, pace, recording and checkpoints of the run; its clock also times the drain.</summary>
    public RunOptions Run { get; set; } = new();
}
