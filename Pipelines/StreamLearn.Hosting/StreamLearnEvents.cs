namespace StreamLearn.Hosting;

/// <summary>Log event ids 4100 to 4199 of category <c>StreamLearn.Hosting</c>. Ids never change meaning; append new ones.</summary>
internal static class StreamLearnEvents
{
    public const int Started = 4100;

    public const int Finished = 4101;

    public const int Draining = 4102;

    public const int DrainTimedOut = 4103;

    public const int Canceled = 4104;

    public const int Failed = 4105;

    public const int StoppingOnFailure = 4106;

    public const int StoppingWhenFinished = 4107;

    public const int Saved = 4108;

    public const int NotSaved = 4109;

    /// <summary>The run resumes from an older checkpoint, because the newest is damaged. Warning.</summary>
    public const int PassedOver = 4110;
}
