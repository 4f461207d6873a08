import { Body, Controller, Get, NotFoundException, Param, Post } from '@nestjs/common'
import { AppService } from './app.service'
import { CreateGreeting } from './create-greeting.dto'

@Controller()
export class AppController {
  // Nest finds the service by the type of the parameter.
  constructor(private readonly appService: AppService) {}

  @Get()
  getHello(): string {
    return this.appService.getHello()
  }

  @Get('greetings/:language')
  find(@Param('language') language: string): { greeting: string } {
    const greeting = this.appService.find(language)
    if (greeting === undefined) throw new NotFoundException()
    return { greeting }
  }

  // ValidationPipe checks the body by the type of the parameter.
  @Post('greetings')
  create(@Body() greeting: CreateGreeting): CreateGreeting {
    this.appService.add(greeting)
    return greeting
  }

  @Get('error')
  error(): never {
    throw new Error('this route always fails')
  }
}
