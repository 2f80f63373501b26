namespace StreamLearn.Hosting;

/// <summary>
/// The ids of what the host logs about pipelines: 4100 to 4199, category <c>StreamLearn.Hosting</c>. An id never changes its meaning; new
/// ones are added at the end.
/// </summary>
internal static class StreamLearnEvents
{
    /// <summary>A pipeline has started. Information.</summary>
    public const int Started = 4100;

    /// <summary>All of a pipeline's sources ended and everything was processed. Information.</summary>
    public const int Finished = 4101;

    /// <summary>The host stops and a pipeline drains. Information.</summary>
    public const int Draining = 4102;

    /// <summary>A pipeline did not drain in time and is canceled. Warning.</summary>
    public const int DrainTimedOut = 4103;

    /// <summary>A pipeline was canceled before everything was processed. Warning.</summary>
    public const int Canceled = 4104;

    /// <summary>A block of a pipeline failed, and with it the run. Error.</summary>
    public const int Failed = 4105;

    /// <summary>The application is stopped because a pipeline failed. Critical.</summary>
    public const int StoppingOnFailure = 4106;

    /// <summary>The application is stopped because a pipeline has finished. Information.</summary>
    public const int StoppingWhenFinished = 4107;

    /// <summary>The host stops, and a pipeline's state is saved. Information.</summary>
    public const int Saved = 4108;

    /// <summary>The host stops, and a pipeline's state could not be saved. Warning.</summary>
    public const int NotSaved = 4109;

    /// <summary>A pipeline goes on from an older checkpoint, because the newest file is damaged. Warning.</summary>
    public const int PassedOver = 4110;
}
