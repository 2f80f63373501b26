using Microsoft.Extensions.Logging;

namespace StreamLearn.Hosting;

internal static partial class HostLog
{
    [LoggerMessage(StreamLearnEvents.Started, LogLevel.Information, "Pipeline {Name} started: {Blocks} blocks, {Edges} edges.")]
    internal static partial void Started(ILogger logger, string name, int blocks, int edges);

    [LoggerMessage(StreamLearnEvents.Finished, LogLevel.Information,
        "Pipeline {Name} finished: its sources ended and everything was processed.")]
    internal static partial void Finished(ILogger logger, string name);

    [LoggerMessage(StreamLearnEvents.Draining, LogLevel.Information, "Pipeline {Name} is draining, for at most {DrainTimeout}.")]
    internal static partial void Draining(ILogger logger, string name, TimeSpan drainTimeout);

    [LoggerMessage(StreamLearnEvents.DrainTimedOut, LogLevel.Warning,
        "Pipeline {Name} did not drain in time and is canceled. Fullest edge: {Edge}, {Queued} messages queued.")]
    internal static partial void DrainTimedOut(ILogger logger, string name, string edge, int queued);

    [LoggerMessage(StreamLearnEvents.Canceled, LogLevel.Warning, "Pipeline {Name} was canceled before everything was processed.")]
    internal static partial void Canceled(ILogger logger, string name);

    [LoggerMessage(StreamLearnEvents.Failed, LogLevel.Error, "Pipeline {Name} failed in block {Block}, item {Item}.")]
    internal static partial void Failed(ILogger logger, Exception failure, string name, string block, long item);

    [LoggerMessage(StreamLearnEvents.StoppingOnFailure, LogLevel.Critical, "The application stops because pipeline {Name} failed.")]
    internal static partial void StoppingOnFailure(ILogger logger, string name);

    [LoggerMessage(StreamLearnEvents.StoppingWhenFinished, LogLevel.Information,
        "The application stops because pipeline {Name} has finished.")]
    internal static partial void StoppingWhenFinished(ILogger logger, string name);

    [LoggerMessage(StreamLearnEvents.Saved, LogLevel.Information,
        "Pipeline {Name} was stopped; checkpoint {Number} of {SizeBytes} bytes holds its state.")]
    internal static partial void Saved(ILogger logger, string name, long number, long sizeBytes);

    [LoggerMessage(StreamLearnEvents.NotSaved, LogLevel.Warning,
        "The state of pipeline {Name} could not be saved when it stopped: the newest checkpoint is {Number}.")]
    internal static partial void NotSaved(ILogger logger, Exception failure, string name, long number);

    [LoggerMessage(StreamLearnEvents.PassedOver, LogLevel.Warning,
        "Pipeline {Name} resumes from checkpoint {Number} and repeats later work, because newer ones are damaged: {Damaged}.")]
    internal static partial void PassedOver(ILogger logger, string name, long number, string damaged);
}
