using Sensor;
using StreamLearn.Programs;

return await SensorCommands.RunAsync(args, CommandRunner.SetPrintableConsole()).ConfigureAwait(false);
