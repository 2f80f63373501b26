namespace StreamLearn.Mqtt.Tests;

/// <summary>The system's time, and later.</summary>
internal sealed class LaterTime : TimeProvider
{
    internal TimeSpan Later { get; set; }

    public override long GetTimestamp() => base.GetTimestamp() + (long)(Later.TotalSeconds * TimestampFrequency);
}
