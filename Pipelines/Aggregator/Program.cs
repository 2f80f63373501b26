using Aggregator;
using StreamLearn.Programs;

return await AggregatorCommands.RunAsync(args, CommandRunner.SetPrintableConsole()).ConfigureAwait(false);
