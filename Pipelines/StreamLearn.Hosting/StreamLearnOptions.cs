namespace StreamLearn.Hosting;

/// <summary>Options of a hosted pipeline, by pipeline name.</summary>
public sealed class StreamLearnOptions
{
    /// <summary>Time to drain, or to save with checkpoints, when the host stops; then the run is canceled. Above zero, or infinite; default
    /// 20 s, below the host's shutdown time-out of 30 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>True: a failed run stops the application, with exit code 1 unless another was set. Default true.</summary>
    public bool StopApplicationOnFailure { get; set; } = true;

    /// <summary>True: a finished run stops the application. Default false.</summary>
    public bool StopApplicationWhenFinished { get; set; }

    /// <summary>Seed, clock, pace, recording and checkpoints; the clock also times the drain.</summary>
    public RunOptions Run { get; set; } = new();
}
