using Sensor;

return await SensorCommands.RunAsync(args, CommandRunner.SetPrintableConsole()).ConfigureAwait(false);
